using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A run that is waited for no longer is looked at, and not taken back: it is held on, and paid when its service has answered.</summary>
public sealed class SentimentLeaks : SentimentPlant
{
    public override string Name => "sentiment-leaks";

    public override Entity Instead(Entity entity) => entity is Entity<SessionState, LeafCommand, LeafEvent> session
        ? session with { Decide = static (state, command, context) => SessionDecider.Decide(state, command is RunCommand.Cancel { Request.IsOurs: true } c ? new SessionCommand.Peek(c.RunId) : command, context) }
        : entity;
}
