using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Whoever says that it goes on is answered and not heard: a call that takes long is taken for lost.</summary>
public sealed class CallUnheard : Plant
{
    public override string Name => "call-unheard";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context)
    {
        var decision = SessionDecider.Decide(state, command, context);
        return command is RunCommand.CallsGoOn ? Decision<SessionState, LeafEvent>.Query(decision.Answer!.Reply!) : decision;
    }
}
