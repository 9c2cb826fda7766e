using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>What a model costs that nobody is charged for is held by no limit of the user's.</summary>
public sealed class UnfundedUncounted : Plant
{
    public override string Name => "unfunded-uncounted";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context)
    {
        var decision = UserDecider.Decide(state, command, context);
        return command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser { Unfunded: true } } } && decision.Events is [UserEvent.HoldReserved reserved]
            ? Decision<UserState, UserEvent>.Accept(decision.Answer!.Reply!, reserved with { Lines = [] })
            : decision;
    }
}
