using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Replay;

/// <summary>What would have been stricter. What is null stays as it was.</summary>
/// <param name="UserId">Null: every user.</param>
/// <param name="AgentId">Null: every agent. A user's caps hold for all agents alike, so a change of one names none.</param>
/// <param name="TotalLimitMicros">Of the grant.</param>
/// <param name="BudgetLimitMicros">Of each session.</param>
/// <param name="Categories">Of services; an empty list allows none.</param>
public sealed record PolicyChange(
    string? UserId,
    string? AgentId,
    long? DailyCapMicros,
    long? MonthlyCapMicros,
    long? TotalLimitMicros,
    long? BudgetLimitMicros,
    IReadOnlyList<string>? Categories);

/// <summary>
/// Changes laid over states that recorded events made. A change never widens: of two limits the smaller is in force, of two scopes
/// what both allow. Laying is idempotent, and done before each decision, whatever was put meanwhile.
/// </summary>
public sealed class ChangedPolicy
{
    private static readonly Grant NoGrant = new(new([], [], [], []), 0, null, 0, null);
    private readonly IReadOnlyList<PolicyChange> _changes;

    public ChangedPolicy(IReadOnlyList<PolicyChange> changes)
    {
        Invariant.Check(changes.All(c => c.AgentId is null || c is { DailyCapMicros: null, MonthlyCapMicros: null }), "caps_are_of_all_agents");
        _changes = changes;
    }

    /// <summary>The only users that are concerned, in ordinal order; null: every user is.</summary>
    public IReadOnlyList<string>? Users => _changes.All(c => c.UserId is not null)
        ? [.. _changes.Select(c => c.UserId!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
        : null;

    /// <summary>Whether a cap or a grant's total is changed for this user.</summary>
    public bool LimitsUser(string userId) =>
        _changes.Any(c => (c.UserId is null || c.UserId == userId) && c is not { DailyCapMicros: null, MonthlyCapMicros: null, TotalLimitMicros: null });

    /// <summary>The changed limits that a run of this agent meets, in place of the user's own. An agent that was vouched for has no grant: it gets one that bears the total.</summary>
    public UserState Lay(UserState state, string agentId)
    {
        long? day = null, month = null, total = null;
        foreach (var change in Of(state.Stream.Id, agentId))
        {
            (day, month, total) = (Smaller(day, change.DailyCapMicros), Smaller(month, change.MonthlyCapMicros), Smaller(total, change.TotalLimitMicros));
        }

        var grant = (state.Grants.GetValueOrDefault(agentId) ?? NoGrant) with { TotalLimitMicros = total };
        return state with { DailyCapMicros = day, MonthlyCapMicros = month, Parts = null, CountsParts = false, Raise = null, Grants = state.Grants.SetItem(agentId, grant), GrantRaises = state.GrantRaises.Remove(agentId), IsCounted = true };
    }

    /// <summary>The session's budget.</summary>
    public SessionState Lay(SessionState state) => state with { Budget = state.Budget.SetLimit(Of(state.UserId, state.AgentId).Aggregate(state.Budget.Limit, (limit, c) => Smaller(limit, c.BudgetLimitMicros))) };

    /// <summary>The session's scopes besides, which are no wider than those above it; null: no change concerns them.</summary>
    public SessionState? Narrow(SessionState state)
    {
        IReadOnlyList<string>? narrowed = null;
        foreach (var change in _changes.Where(c => (c.UserId is null || c.UserId == state.UserId) && (c.AgentId is null || c.AgentId == state.AgentId || state.Path.Any(node => node.AgentId == c.AgentId))))
        {
            narrowed = change.Categories is { } allowed ? Both(narrowed ?? state.Scopes.Categories, allowed) : narrowed;
        }

        return narrowed is null ? null : state with { Scopes = state.Scopes with { Categories = narrowed } };
    }

    private IEnumerable<PolicyChange> Of(string? userId, string? agentId) =>
        _changes.Where(c => (c.UserId is null || c.UserId == userId) && (c.AgentId is null || c.AgentId == agentId));

    private static long? Smaller(long? one, long? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    private static IReadOnlyList<string> Both(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        ScopeRules.IsAll(one) ? other : [.. one.Where(category => ScopeRules.Covers(other, category, StringComparer.OrdinalIgnoreCase))];
}
