using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>A user is put whatever the operator has read: of two who read the same, the second undoes what the first did.</summary>
public sealed class IfMatchIgnored : Plant
{
    public override string Name => "if-match-ignored";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
        UserDecider.Decide(state, command is UserCommand.PutUser put ? put with { Replacing = null } : command, context);
}
