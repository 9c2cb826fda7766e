using Agora.Core.Kernel;
using Agora.Core.Watches;

namespace Agora.Simulation.Plants;

/// <summary>It shows where dialogues are watched: in the seeds that look for it they are.</summary>
public abstract class WatchPlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Models = true, Watches = true };

    public override Entity Instead(Entity entity) => entity is Entity<WatchState, WatchCommand, WatchEvent> watch ? Instead(watch) : entity;

    protected abstract Entity<WatchState, WatchCommand, WatchEvent> Instead(Entity<WatchState, WatchCommand, WatchEvent> watch);
}
