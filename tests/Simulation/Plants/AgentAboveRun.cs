using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session runs a service that is an agent on whose behalf it acts.</summary>
public sealed class AgentAboveRun : Plant
{
    public override string Name => "agent-above-run";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with
        {
            Decide = (state, command, context) => session.Decide(state, command is RunCommand.RunService { Service.Agent: not null } run ? run with { Service = run.Service with { Agent = null } } : command, context),
        },
        _ => entity,
    };
}
