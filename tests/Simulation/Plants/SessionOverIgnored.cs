using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>What a session had asked for is held when it arrives, though the session is over by then, its grant or key with it.</summary>
public sealed class SessionOverIgnored : Plant
{
    public override string Name => "session-over-ignored";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<Late, CampaignDecider, SessionDecider, WalletDecider>(engine, ports);

    private sealed class Late : Delegating<UserDecider, UserState, UserCommand, UserEvent>, IDecider<UserState, UserCommand, UserEvent>
    {
        public static new Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) => UserDecider.Decide(
            command is UserCommand.Reserve c && StreamId.Parse(c.Owner).Id is var id && !state.Sessions.ContainsKey(id)
                ? state with { Sessions = state.Sessions.Add(id, new(new(id, c.AgentId, state.Stream.Id, new([], [], [], []), 0, context.Now, context.Now), default, Begun: true)) }
                : state,
            command,
            context);
    }
}
