using Agora.Contracts;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Application.Calls;

/// <summary>Looks at sessions.</summary>
internal static class SessionPeek
{
    /// <summary>The session as it is now, without audit and rate. Null if there is no such session.</summary>
    /// <param name="underWay">The only run that is looked for. Null for the latest.</param>
    public static async Task<SessionView?> Peek(this EntityRef<LeafCommand> session, CommandContext context, Guid? underWay = null) =>
        (await session.Send(new SessionCommand.Peek(underWay), context)).Reply as SessionView;
}
