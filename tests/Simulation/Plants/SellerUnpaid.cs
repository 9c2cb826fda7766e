using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>Who is paid for what an agent did is somebody else.</summary>
public sealed class SellerUnpaid : Plant
{
    public override string Name => "seller-unpaid";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with
        {
            Decide = (state, command, context) => session.Decide(
                state, command is RunCommand.RunService { Service: { Provider: AskedServices.Agency } service } run ? run with { Service = service with { Provider = "provider-1" } } : command, context),
        },
        _ => entity,
    };
}
