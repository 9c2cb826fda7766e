using Agora.Contracts;

namespace Agora.TestEngine;

/// <summary>What carries the entities of a test: the engine of this project, or a silo.</summary>
public interface IEngine : IEntityCalls
{
    /// <summary>Entities that live.</summary>
    int ActivationCount { get; }

    /// <summary>Lets calls under way finish, and ends every activation.</summary>
    Task DrainAsync(CancellationToken cancellationToken = default);
}
