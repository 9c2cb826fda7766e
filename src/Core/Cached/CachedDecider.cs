using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Cached.CachedState, Agora.Core.Cached.CachedEvent>;

namespace Agora.Core.Cached;

/// <summary>
/// Who answers equal requests.
/// <para>Rules. Whoever asks first claims it, and alone calls; whoever asks meanwhile is told who does. A reply is taken while it is no older than whoever asks wants it. A claim ends filled or released, by the run that has it;
/// one that is neither stands no longer than a call may take. When a response with the same reply is deleted, the cached reply is dropped. So equal requests at the same time are one call, whichever process they come to.</para>
/// </summary>
public static class CachedDecider
{
    public static Decided Decide(CachedState state, CachedCommand command, Context context) => command switch
    {
        CachedCommand.Claim c => state.View is { } view && IsTaken(view, c, context.Now) ? Decided.Query(view) : Claim(state, new(c.RunId, c.SessionId), context),
        CachedCommand.Fill c => Decided.Accept(Nothing.Value, IsOpen(state, c.RunId) ? [new CachedEvent.Filled(c.RunId, c.CostMicros) { Reply = c.Reply }] : []),
        CachedCommand.Release c => Decided.Accept(Nothing.Value, IsOpen(state, c.RunId) || (c.Filled && state.View is { FilledAt: not null }) ? [new CachedEvent.Released(c.RunId)] : []),
        CachedCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static bool IsTaken(CachedView view, CachedCommand.Claim c, DateTimeOffset now) =>
        view.RunId == c.RunId || (view.FilledAt is { } filled ? view.Reply is not null && now < filled + TimeSpan.FromSeconds(c.MaxAgeSeconds) : now < view.ClaimedAt + Limits.ModelCallAtMost);

    private static bool IsOpen(CachedState state, Guid runId) => state.View is { FilledAt: null } view && view.RunId == runId;

    private static Decided Claim(CachedState state, CachedEvent.Claimed claimed, Context context) => Decided.Accept(state.Evolve(claimed, context.Now).View!, claimed);
}
