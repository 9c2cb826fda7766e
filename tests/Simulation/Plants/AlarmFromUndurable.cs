using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>
/// An alarm resumes what the newest state has to do, though the rows that say so still ride and may be lost. It does so beside the alarm's own append: after it
/// they would be durable, for they go with it.
/// </summary>
public sealed class AlarmFromUndurable : Plant
{
    public override string Name => "alarm-from-undurable";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<
        Eager<UserDecider, UserState, UserCommand, UserEvent>, Eager<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>,
        Eager<SessionDecider, SessionState, SessionCommand, SessionEvent>, Eager<WalletDecider, WalletState, WalletCommand, WalletEvent>>(engine, ports);

    private sealed class Eager<TInner, TState, TCommand, TEvent> : Delegating<TInner, TState, TCommand, TEvent>, IDecider<TState, TCommand, TEvent>
        where TInner : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        public static new Decision<TState, TEvent> Decide(TState state, TCommand command, Context context)
        {
            var decision = TInner.Decide(state, command, context);
            return command.Equals(TInner.Tick) ? decision.Then([.. TInner.Unfinished(state, context.Now).Select(step => step with { Phase = Phase.AtOnce })]) : decision;
        }
    }
}
