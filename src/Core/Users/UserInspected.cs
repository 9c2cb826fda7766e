using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>A user with what is spent and held of each limit, in one answer: both are of the same moment.</summary>
/// <param name="Day">Of today and of this month, as the user counts them. Null: nothing is counted for this user, who never had a limit or a grant.</param>
/// <param name="Grants">Of each grant, by agent.</param>
/// <param name="Raise">In force now, as those of <paramref name="Grants"/>; null: none.</param>
/// <param name="LinkGeneration">A link of a former one opens nothing.</param>
/// <param name="LinksUntil">How long the longest link opens, by the stream's time; null: none was made that counts.</param>
/// <param name="Parts">Of each service and category that has a cap, since the user was put with any. Null: none has.</param>
public sealed record UserInspected(UserView View, Spent? Day, Spent? Month, IReadOnlyList<GrantSpent> Grants, IReadOnlyList<PartSpent>? Parts = null, CapRaise? Raise = null, long LinkGeneration = 0, DateTimeOffset? LinksUntil = null)
{
    public GrantRaise? RaiseOf(string agentId) => Grants.FirstOrDefault(grant => grant.AgentId == agentId)?.Raise;
}

/// <param name="Micros">Spent for good.</param>
/// <param name="HeldMicros">Of runs that are under way.</param>
/// <param name="Cap">When its cap is reached at the rate of its period; null: it was answered by a release that does not tell.</param>
public sealed record Spent(long Micros, long HeldMicros, Projection? Cap = null)
{
    public static Spent Of(Account account) => new(account.Posted, account.Held);
}

public sealed record PartSpent(string Kind, string Name, Spent Day, Spent Month);

public sealed record GrantSpent(string AgentId, Spent Spent, GrantRaise? Raise = null);
