using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Whoever says how a call ended is believed: a process that gave its request up voids what another one sent.</summary>
public sealed class AnybodyEndsCall : Plant
{
    public override string Name => "anybody-ends-call";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state, command is RunCommand.EndCall c && state.Pending.GetValueOrDefault(c.RunId)?.Model is { } model ? c with { Caller = model.Caller } : command, context);
}
