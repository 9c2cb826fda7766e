using System.Globalization;
using Agora.Api.Refunds;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Runs;

/// <summary>What all payments of a list come to. Sums are kept by the day, so they are known of whole UTC days and of one filter at most.</summary>
internal sealed class RunTotals(ITables tables)
{
    private static readonly string[] Times = ["from", "to"];
    private static readonly string[] Summed = ["user_id", "session_id", "agent_id", "campaign_id", "service_id", "provider"];

    /// <param name="state">What of the list are payments, where it also shows what is none.</param>
    public async Task<Totals> Of(OperatorCall call, ListRequest asked, string? state = null)
    {
        var filters = asked.Filters;
        if (!asked.WantsTotals || call.ListForm is not ListForm.Json) return default;
        if (filters["state"] != state) return Unknown(ListReasons.TotalsOf(state!));

        var by = filters.Said.Where(filter => !Times.Contains(filter.Name) && filter.Name != "state").ToList();
        if (by.Find(filter => !Summed.Contains(filter.Name)) is { Name: { } other }) return Unknown(ListReasons.NoSumsBy(other));
        if (by.Count > 1)
        {
            return Unknown(ListReasons.OneSumOf(string.Join(", ", Summed), string.Join(" and ", by.Skip(1).Select(filter => filter.Name))));
        }

        var (from, to) = (Time(filters["from"]), Time(filters["to"]));
        if (!IsDay(from) || !IsDay(to)) return Unknown(ListReasons.WholeDays);

        var (column, value) = by.Count == 0 ? default : by[0];
        return await PaymentTotals.Of(tables, call.Tenant, from, to, column, value, call.Cancel) is { } sums
            ? new(new TotalsData(sums.Count, new(sums.AmountMicros), new(sums.ReturnedMicros), from, to))
            : Unknown(ListReasons.TooManyRuns(DaysQuery.AddedUpTo));

        Totals Unknown(string reason) => new(call.Said(reason));
    }

    private static bool IsDay(DateTimeOffset? at) => at is not { } time || PaymentTotals.IsDay(time);

    private static DateTimeOffset? Time(string? micros) => micros is null ? null : Timestamps.FromMicros(long.Parse(micros, CultureInfo.InvariantCulture));
}
