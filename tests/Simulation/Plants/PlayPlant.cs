using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>It shows where people practise: in the seeds that look for it they do.</summary>
public abstract class PlayPlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Models = true, Plays = true };

    public override Entity Instead(Entity entity) => entity is Entity<ChatState, ChatCommand, ChatEvent> chat ? Instead(chat) : entity;

    protected abstract Entity<ChatState, ChatCommand, ChatEvent> Instead(Entity<ChatState, ChatCommand, ChatEvent> chat);
}
