// Money with its unit; small amounts to a hundredth of a cent.
export const toMoney = ({ amount, currency }: { amount: number; currency: string }): string =>
  new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: Math.abs(amount) < 1 ? 4 : 2 }).format(amount);
