using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A session does not remember that a run was approved: it goes on waiting, and begins again with the next approval.</summary>
public sealed class ApprovedTwice : Plant
{
    public override string Name => "approved-twice";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Forgetful, WalletDecider>(engine, ports);

    private sealed class Forgetful : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new SessionState Evolve(SessionState state, SessionEvent @event, DateTimeOffset at) => @event is SessionEvent.RunApproved
            ? SessionDecider.Evolve(state, @event, at) with { Approvals = state.Approvals }
            : SessionDecider.Evolve(state, @event, at);
    }
}
