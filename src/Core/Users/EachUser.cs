using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>The same command to every user at whom this agent has live sessions, as the table of sessions has them when it is done. Answered: by each of them.</summary>
public sealed record EachUser(string AgentId, UserCommand Command) : OutsideCall
{
    public static readonly OutsideKind Outside = new("users.each", Limits.EachUserAtMost);

    public override OutsideKind Kind => Outside;
}
