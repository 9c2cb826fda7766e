using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Admin.Spending;

/// <param name="Whole">Of all nodes that are shown.</param>
/// <param name="Nodes">Each before those below it.</param>
/// <param name="HasMore">There are more sessions, or more runs, than are added up.</param>
internal sealed record SpendingData(string SessionId, SpentOnData Whole, IReadOnlyList<SpendingNodeData> Nodes, bool HasMore, IReadOnlyDictionary<string, string> Links);

/// <param name="Depth">Below the session that was asked for, which has 0.</param>
/// <param name="Own">Of its own runs.</param>
/// <param name="BeyondCents">What its budget counts and the sums do not.</param>
internal sealed record SpendingNodeData(
    int Depth, string SessionId, string? ParentSessionId, string AgentId, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, BudgetData Budget, SpentOnData Own, SubtreeSpentData Subtree, Cents BeyondCents)
{
    /// <param name="top">The depth of the session that was asked for.</param>
    public static SpendingNodeData Of(SpendingNode node, int top)
    {
        var (view, subtree) = (node.View, SubtreeSpentData.Of(node));
        return new(
            view.Depth - top, view.SessionId, view.ParentSessionId, view.AgentId, view.CreatedAt, view.ExpiresAt, BudgetData.Of(view.Budget), SpentOnData.Of(node.Own), subtree,
            new(view.Budget.SpentMicros - subtree.SpentCents.Micros));
    }
}

/// <param name="Sessions">It and those below it that are shown.</param>
/// <param name="HeldCents">As its budget has it.</param>
internal sealed record SubtreeSpentData(int Sessions, Cents SpentCents, Cents HeldCents, Cents ModelsCents, Cents ServicesCents, Cents TransfersCents)
{
    public static SubtreeSpentData Of(SpendingNode node)
    {
        IReadOnlyList<Spent> all = [.. node.Subtree.Select(static below => below.Own)];
        return new(
            all.Count, new(all.Sum(static spent => spent.SpentMicros)), new(node.View.Budget.ReservedMicros),
            new(all.Sum(static spent => spent.OnModels)), new(all.Sum(static spent => spent.OnServices)), new(all.Sum(static spent => spent.Transfers.SpentMicros)));
    }
}

/// <param name="SpentCents">Costs without what was given back, as budgets count it.</param>
/// <param name="HeldCents">For runs under way, as far as the journal has them.</param>
internal sealed record SpentOnData(Cents SpentCents, Cents HeldCents, IReadOnlyList<ModelSpentData> Models, IReadOnlyList<ServiceSpentData> Services, TransfersSpentData Transfers)
{
    public const string Example =
        """{"spent_cents":14.5,"held_cents":2,"models":[{"service_id":"house-model","calls":2,"cost_cents":4.5,"refunded_cents":0,"held_cents":2,"estimates":0,"failures":0,"cache_read_tokens":1200}],"services":[{"service_id":"summary","runs":2,"cost_cents":10,"refunded_cents":5,"held_cents":0}],"transfers":{"count":1,"amount_cents":5,"refunded_cents":0,"held_cents":0}}""";

    public static SpentOnData Of(Spent spent) => new(
        new(spent.SpentMicros),
        new(spent.HeldMicros),
        [.. Lines(spent.Models).Select(static line => new ModelSpentData(line.Id, line.On.Count, new(line.On.CostMicros), new(line.On.RefundedMicros), new(line.On.HeldMicros), line.On.Estimates, line.On.Failures, line.On.CacheRead))],
        [.. Lines(spent.Services).Select(static line => new ServiceSpentData(line.Id, line.On.Count, new(line.On.CostMicros), new(line.On.RefundedMicros), new(line.On.HeldMicros)))],
        new(spent.Transfers.Count, new(spent.Transfers.CostMicros), new(spent.Transfers.RefundedMicros), new(spent.Transfers.HeldMicros)));

    /// <summary>The dearest first; those beyond <see cref="Limits.SpendingLines"/> are one line, without an id.</summary>
    private static IEnumerable<(string? Id, SpentOn On)> Lines(IReadOnlyDictionary<string, SpentOn> lines)
    {
        IReadOnlyList<KeyValuePair<string, SpentOn>> all = [.. lines.OrderByDescending(static line => line.Value.SpentMicros + line.Value.HeldMicros).ThenBy(static line => line.Key, StringComparer.Ordinal)];
        if (all.Count <= Limits.SpendingLines) return all.Select(static line => ((string?)line.Key, line.Value));

        var others = new SpentOn();
        foreach (var (_, line) in all.Skip(Limits.SpendingLines - 1)) others.Add(line);

        return [.. all.Take(Limits.SpendingLines - 1).Select(static line => ((string?)line.Key, line.Value)), (null, others)];
    }
}

/// <param name="ServiceId">Null: all others together.</param>
internal sealed record ModelSpentData(string? ServiceId, long Calls, Cents CostCents, Cents RefundedCents, Cents HeldCents, long Estimates, long Failures, long CacheReadTokens);

/// <param name="ServiceId">Null: all others together.</param>
internal sealed record ServiceSpentData(string? ServiceId, long Runs, Cents CostCents, Cents RefundedCents, Cents HeldCents);

internal sealed record TransfersSpentData(long Count, Cents AmountCents, Cents RefundedCents, Cents HeldCents);
