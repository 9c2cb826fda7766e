using Agora.Application.Reading;
using Agora.Application.Values;

namespace Agora.Api.Admin.Wallets;

internal sealed record WalletsData(IReadOnlyList<WalletBookData> Wallets, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <summary>A wallet's books: balance = entered − left + received − sent. What it owes and has not sent yet is still in its balance.</summary>
internal sealed record WalletBookData(
    string WalletId, string Asset, Cents BalanceCents, Cents EnteredCents, Cents LeftCents, Cents ReceivedCents, Cents SentCents, DateTimeOffset UpdatedAt)
{
    public const string Example =
        """{"wallet_id":"agent:agent-1","asset":"USD","balance_cents":75,"entered_cents":100,"left_cents":0,"received_cents":0,"sent_cents":25,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static WalletBookData Of(NamedRow row) => new(
        row.Text("fund_id"),
        row.Text("asset"),
        new(row.Number("balance_micros")),
        new(row.Number("entered_micros")),
        new(row.Number("left_micros")),
        new(row.Number("received_micros")),
        new(row.Number("sent_micros")),
        row.Time("updated_at"));
}

/// <param name="FundsCents">All wallets and campaigns, and the world, which has the opposite of what entered and did not leave.</param>
/// <param name="InTransitCents">Sent and not arrived yet.</param>
/// <param name="SumCents">Both: 0, or money was made or lost.</param>
internal sealed record TrialBalanceData(Cents FundsCents, Cents InTransitCents, Cents SumCents);
