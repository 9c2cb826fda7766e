using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Application.Calls;

/// <summary>What the headers of a reply tell of its session: the requests of this minute, and what may still be spent.</summary>
/// <param name="RemainingMicros">The least of what is left on the path: the session's budget, the sessions above, the grant, the user's day and month.</param>
/// <param name="Near">Caps that are nearly used up with the run that is answered; null: none is, or it is not known.</param>
internal sealed record Allowance(RateStanding Rate, Budget Budget, long RemainingMicros, IReadOnlyList<NearLimit>? Near = null)
{
    /// <summary>Each by its name, as refusals by it will have it.</summary>
    public string? Warning => Near is { Count: > 0 } ? string.Join(", ", Near.Select(near => near.Limit).Distinct(StringComparer.Ordinal)) : null;

    /// <summary>As far as the session itself knows.</summary>
    public static Allowance Of(SessionView session) => new(session.Rate, session.Budget, session.Budget.RemainingMicros);

    /// <summary>Null: the outcome comes from the journal, and only the session knows how it stands now.</summary>
    public static Allowance? Of(RunView run) => run.Rate is { } rate ? new(rate, run.Budget, Math.Min(run.Budget.RemainingMicros, run.AboveMicros ?? long.MaxValue), run.Near) : null;
}
