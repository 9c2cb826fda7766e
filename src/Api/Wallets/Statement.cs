using System.Text;
using Agora.Api.Http;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Wallets;

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

/// <summary>A page of a wallet's statement, newest first, as JSON or as CSV.</summary>
internal static class Statement
{
    /// <param name="reader">The user for whom it is read: memos about others are null. Null: an operator reads it.</param>
    public static async Task<Reply> Page(TenantTables tables, IPersonalTexts texts, Tenant tenant, RequestCall call, string walletId, StatementFilter filter, string? reader)
    {
        var (rows, total) = await tables.Page(
            FundTables.Entries, filter.Page, [new("at", Descending: true), new("entry", Descending: true)], call.Cancel, filter.Where(walletId));
        var entries = new List<EntryData>();
        foreach (var entry in rows.Select(EntryData.Of)) entries.Add(entry with { Memo = await texts.Open(tenant, entry.Memo, call.Cancel, reader) });
        return call.WantsCsv
            ? Reply.Text(Csv.ContentType, Text(entries))
            : Reply.Ok(new StatementData(walletId, entries, total.Number, total.Unknown(call), filter.Page.Offset, filter.Page.Limit)) with { UntrustedFields = ["data.entries[].memo"] };
    }

    private static string Text(List<EntryData> entries)
    {
        var csv = new StringBuilder().Row("entry", "at", "kind", "counterparty", "amount_cents", "balance_cents", "memo", "reference");
        return entries.Aggregate(csv, (text, entry) => text.Row(entry.Cells())).ToString();
    }
}
