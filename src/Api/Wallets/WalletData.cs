using System.Text;
using System.Text.Json.Serialization;
using Agora.Application.Values;
using Agora.Application.Wallets;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Web;

namespace Agora.Api.Wallets;

/// <summary>A wallet as it is now: balance = available + held = entered − left + received − paid.</summary>
/// <param name="UnresolvedCents">Of an x402 payer: payments of which nobody could say whether they were settled, for runs that were not delivered. In no balance.</param>
internal sealed record WalletData(
    string WalletId, Cents BalanceCents, Cents AvailableCents, Cents HeldCents, Cents EnteredCents, Cents LeftCents, Cents ReceivedCents, Cents PaidCents, Cents UnresolvedCents)
{
    public const string Example =
        """{"wallet_id":"agent:agent-1","balance_cents":75,"available_cents":50,"held_cents":25,"entered_cents":100,"left_cents":0,"received_cents":0,"paid_cents":25,"unresolved_cents":0}""";

    /// <summary>Where an operator read it: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static WalletData Of(WalletView view) => new(
        view.WalletId,
        new(view.BalanceMicros),
        new(view.AvailableMicros),
        new(view.HeldMicros),
        new(view.EnteredMicros),
        new(view.LeftMicros),
        new(view.CreditedMicros),
        new(view.PaidMicros),
        new(view.UnresolvedMicros));
}

internal sealed record StatementData(string WalletId, IReadOnlyList<EntryData> Entries, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example =
        """{"wallet_id":"agent:agent-1","entries":[{"entry":1,"at":"2030-01-01T00:00:00.000000Z","kind":"deposit","counterparty":"world","amount_cents":100,"balance_cents":100,"memo":"top-up","reference":null}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";

    /// <summary>The page as JSON, or as CSV if the caller wants that.</summary>
    public static Reply Reply(RequestCall call, StatementPage page)
    {
        IReadOnlyList<EntryData> entries = [.. page.Entries.Select(EntryData.Of)];
        return call.WantsCsv
            ? Web.Reply.Text(Csv.ContentType, Text(entries))
            : Web.Reply.Ok(new StatementData(page.WalletId, entries, page.Total.Number, page.Total.Unknown(call.Words), page.Page.Offset, page.Page.Limit)) with { UntrustedFields = ["data.entries[].memo"] };
    }

    private static string Text(IReadOnlyList<EntryData> entries)
    {
        var csv = new StringBuilder().Row("entry", "at", "kind", "counterparty", "amount_cents", "balance_cents", "memo", "reference");
        return entries.Aggregate(csv, static (text, entry) => text.Row(entry.Cells())).ToString();
    }
}

/// <param name="Entry">Its number in the wallet's statement: 1, 2, 3 …</param>
/// <param name="AmountCents">Negative: it went out.</param>
/// <param name="BalanceCents">After it.</param>
internal sealed record EntryData(
    long Entry, DateTimeOffset At, string Kind, string Counterparty, Cents AmountCents, Cents BalanceCents, string? Memo, string? Reference)
{
    public static EntryData Of(StatementEntry entry) =>
        new(entry.Number, entry.At, entry.Kind, entry.Counterparty, new(entry.AmountMicros), new(entry.BalanceMicros), entry.Memo, entry.Reference);

    /// <summary>As cells of CSV.</summary>
    public string[] Cells() =>
    [
        Entry.ToString(System.Globalization.CultureInfo.InvariantCulture), Rfc3339.Format(At), Kind, Counterparty,
        Money.FormatCents(AmountCents.Micros), Money.FormatCents(BalanceCents.Micros), Csv.Prose(Memo), Reference ?? "",
    ];
}
