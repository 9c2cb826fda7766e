using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Runs;

namespace Agora.Web;

internal sealed record BudgetData(Cents LimitCents, Cents SpentCents, Cents ReservedCents, Cents RemainingCents) : IWrittenData
{
    public static BudgetData Of(Budget budget) =>
        new(new(budget.LimitMicros), new(budget.SpentMicros), new(budget.ReservedMicros), new(budget.RemainingMicros));

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Write("limit_cents", LimitCents);
        writer.Write("spent_cents", SpentCents);
        writer.Write("reserved_cents", ReservedCents);
        writer.Write("remaining_cents", RemainingCents);
        writer.WriteEndObject();
    }
}
