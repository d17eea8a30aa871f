import { defineProjection } from "asp-toolkit";

const statuses = [
  ...["Announced", "Accepted", "Packed", "Labelled", "Collected", "Sorted", "Loaded", "Departed", "Arrived"],
  ...["Unloaded", "OutForDelivery", "Attempted", "Delivered", "Returned"],
] as const;
const scans = ["Gate", "Belt", "Truck", "Hub", "Border", "Depot", "Locker"] as const;
const charges = ["Postage", "Customs", "Insurance", "Storage", "Fuel", "Toll"] as const;

/** What a parcel goes through: 27 types, most of which differ only in a word, as they do in real life. */
export const shipmentTypes: readonly string[] = [
  ...statuses.map((name) => `Shipment${name}`),
  ...scans.map((name) => `${name}Scanned`),
  ...charges.map((name) => `${name}Charged`),
];

interface ShipmentView {
  status: string;
  since?: Date;
  scans: number;
  lastPlace?: string;
  cost: number;
  charges: number;
}

interface ShipmentEvent {
  type: string;
  data: { place: string; amount: number };
}

export const shipments = defineProjection<ShipmentView, ShipmentEvent>({
  name: "shipments",
  into: { connectionName: "domain", db: "shop", coll: "shipments" },
  initial: { status: "unknown", scans: 0, cost: 0, charges: 0 },
  on: Object.fromEntries([
    ...statuses.map((name) => [`Shipment${name}`, ({ time }: Event) => ({ status: name.toLowerCase(), since: time })]),
    ...scans.map((name) => [
      `${name}Scanned`,
      ({ data }: Event, view: View) => ({ scans: { $add: [view.scans, 1] }, lastPlace: data.place }),
    ]),
    ...charges.map((name) => [
      `${name}Charged`,
      ({ data }: Event, view: View) => ({
        cost: { $add: [view.cost, data.amount] },
        charges: { $add: [view.charges, 1] },
      }),
    ]),
  ]),
});

type Event = import("asp-toolkit").EventReference<ShipmentEvent>;
type View = import("asp-toolkit").Ref<ShipmentView>;

/** Round robin over the shipments, each type in turn. */
export function* shipmentEvents(count: number, keys: number): Generator<object> {
  for (let index = 0; index < count; index += 1) {
    const turn = Math.floor(index / keys);
    yield {
      _id: `event-${index}`,
      streamId: `shipment-${index % keys}`,
      version: turn + 1,
      type: shipmentTypes[(index + turn * 7) % shipmentTypes.length],
      occurredAt: new Date(Date.UTC(2026, 10, 27) + index * 100),
      data: { place: `depot-${index % 40}`, amount: (index % 50) / 2 },
    };
  }
}
