using Agora.Api.Hosts;

namespace Agora.Silo.Engine;

/// <summary>What the life of a process needs of the grain engine, whichever it is.</summary>
internal interface IEngineLifetime : IGrainHost
{
    /// <summary>Lets calls under way finish and deactivates every grain, so that after it nothing more is appended.</summary>
    Task Drain(CancellationToken cancel);
}
