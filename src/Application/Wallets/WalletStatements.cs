using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Application.Wallets;

/// <summary>Which entries of a wallet are wanted.</summary>
internal sealed record StatementFilter(DateTimeOffset? From, DateTimeOffset? To, Page Page)
{
    public static StatementFilter Read(Call call)
    {
        var (from, to) = call.Query.Span();
        return new(from, to, call.Query.Page());
    }

    public IEnumerable<Condition> Where(string walletId)
    {
        yield return TableReader.Is("wallet_id", walletId);
        if (From is { } from)
        {
            yield return new("at", Comparison.AtLeast, from.ToMicros());
        }

        if (To is { } to)
        {
            yield return new("at", Comparison.LessThan, to.ToMicros());
        }
    }
}

/// <param name="Number">Of the entry in its wallet's statement: 1, 2, 3 …</param>
/// <param name="AmountMicros">Negative if it went out.</param>
/// <param name="BalanceMicros">After the entry.</param>
/// <param name="Memo">Null if it is about a user whose data were erased, or whom the reader may not read about.</param>
internal sealed record StatementEntry(long Number, DateTimeOffset At, string Kind, string Counterparty, long AmountMicros, long BalanceMicros, string? Memo, string? Reference);

/// <summary>A page of a wallet's statement, newest first.</summary>
internal sealed record StatementPage(string WalletId, IReadOnlyList<StatementEntry> Entries, Total Total, Page Page);

/// <summary>Reads wallets' statements.</summary>
internal sealed class WalletStatements(TableReader tables, IPersonalTexts texts)
{
    /// <param name="reader">The user for whom it is read: memos about other users are null. Null if an operator reads it.</param>
    public async Task<StatementPage> Read(Tenant tenant, string walletId, StatementFilter filter, string? reader, CancellationToken cancel)
    {
        var (rows, total) = await tables.In(tenant).Page(FundTables.Entries, filter.Page, [new("at", Descending: true), new("entry", Descending: true)], cancel, filter.Where(walletId));
        var entries = new List<StatementEntry>(rows.Count);
        foreach (var row in rows)
        {
            entries.Add(new(
                row.Number("entry"),
                row.Time("at"),
                row.Text("kind"),
                row.Text("counterparty"),
                row.Number("amount_micros"),
                row.Number("balance_micros"),
                await texts.Open(tenant, row.OptionalText("memo"), cancel, reader),
                row.OptionalText("reference")));
        }

        return new(walletId, entries, total, filter.Page);
    }
}
