using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Whoever else sends the same command may call the model as well.</summary>
public sealed class SecondPermitted : Plant
{
    public override string Name => "second-permitted";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        command is RunCommand.RunService { Model: { } model } && state.Pending.GetValueOrDefault(context.CommandId) is { Calling: not null } run
            ? Decision<SessionState, LeafEvent>.Accept(new RunView(run.RunId, run.ServiceId, RunState.Pending, null, null, state.BudgetView, null, Caller: model.Caller))
            : SessionDecider.Decide(state, command, context);
}
