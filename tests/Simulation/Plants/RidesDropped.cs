using Agora.Journal;
using Agora.TestEngine;

namespace Agora.Simulation.Plants;

/// <summary>A process that is to end closes its way to the journal first: what rides is dropped.</summary>
public sealed class RidesDropped : Plant
{
    public override string Name => "rides-dropped";

    public override bool IsWide => true;

    public override async Task End(GrainEngine engine, GroupCommitter committer) => await committer.DisposeAsync();
}
