namespace Agora.Silo.Engine;

/// <summary>What the end of a process needs of the grain engine, whichever it is.</summary>
internal interface IEngineLifetime
{
    /// <summary>Lets calls under way finish and deactivates every grain, so that after it nothing more is appended.</summary>
    Task Drain(CancellationToken cancel);
}
