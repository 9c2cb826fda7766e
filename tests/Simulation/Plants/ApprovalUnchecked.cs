using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>A user's stream takes every run for one that the user has approved.</summary>
public sealed class ApprovalUnchecked : Plant
{
    public override string Name => "approval-unchecked";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
        UserDecider.Decide(state, command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser terms } reserve } ? reserve with { Terms = terms with { Approved = true } } : command, context);
}
