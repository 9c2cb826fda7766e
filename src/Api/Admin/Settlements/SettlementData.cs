using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Wallets;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Settlements;

internal sealed record SettlementsData(IReadOnlyList<SettlementData> Settlements, string? Facilitator) : ListData;

internal sealed record SettlementData(
    string RunId,
    string SessionId,
    string? UserId,
    string? AgentId,
    string WalletId,
    string Network,
    string Payer,
    Cents AmountCents,
    string Asset,
    string Nonce,
    string State,
    string? Reason,
    string? TxHash,
    bool ByHand,
    DateTimeOffset BegunAt,
    DateTimeOffset ValidBefore,
    DateTimeOffset? EndedAt)
{
    public const string Example =
        """{"run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","wallet_id":"x402:eip155:8453:0x1111111111111111111111111111111111111111","network":"eip155:8453","payer":"0x1111111111111111111111111111111111111111","amount_cents":25,"asset":"0x833589fcd6edb6e08f4c7c32d4f71b54bda02913","nonce":"0x2222222222222222222222222222222222222222222222222222222222222222","state":"unresolved","reason":null,"tx_hash":null,"by_hand":false,"begun_at":"2030-01-01T00:00:00.000000Z","valid_before":"2030-01-01T00:05:00.000000Z","ended_at":null}""";

    public static readonly string[] States = [.. new[] { IncomingStanding.Settling, IncomingStanding.Unresolved, IncomingStanding.Settled, IncomingStanding.Refused }.Select(IncomingStandings.Name)];

    /// <param name="session">Whose it is; null: that is not in the tables.</param>
    public static SettlementData Of(NamedRow row, NamedRow? session)
    {
        var wallet = row.Text("wallet_id");
        var (network, payer) = (wallet.IndexOf(':', StringComparison.Ordinal) + 1, wallet.LastIndexOf(':'));
        return new(
            row.Text("run_id"),
            row.Text("session_id"),
            session?.Text("user_id"),
            session?.Text("agent_id"),
            wallet,
            wallet[network..payer],
            wallet[(payer + 1)..],
            new(row.Number("amount_micros")),
            row.Text("asset"),
            row.Text("nonce"),
            row.Text("state"),
            row.OptionalText("reason"),
            row.OptionalText("tx_hash"),
            row.Number("by_hand") != 0,
            row.Time("begun_at"),
            row.Time("valid_before"),
            row.OptionalTime("ended_at"));
    }
}
