using Agora.Core.Sessions;

namespace Agora.Api.Http;

/// <summary>What the headers of a reply tell of its session: the requests of this minute, and the budget.</summary>
internal sealed record Allowance(RateStanding Rate, Budget Budget)
{
    public static Allowance Of(SessionView session) => new(session.Rate, session.Budget);

    /// <summary>Null: the outcome comes from the journal, and only the session knows how it stands now.</summary>
    public static Allowance? Of(RunView run) => run.Rate is { } rate ? new(rate, run.Budget) : null;
}
