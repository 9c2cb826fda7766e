using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Cached;

/// <summary>Who answers equal requests.</summary>
/// <param name="RunId">Whose reply it is, or will be: the run of whoever asked first.</param>
/// <param name="SessionId">That run's.</param>
/// <param name="FilledAt">When the reply was whole; null: the model, or the service, is being called, or whoever called it is gone.</param>
/// <param name="CostMicros">What it cost.</param>
/// <param name="Reply">JSON: of a model its events, or vectors; of a service its output; null: it is not whole yet, or the user's key is gone.</param>
public sealed record CachedView(Guid RunId, string SessionId, DateTimeOffset ClaimedAt, DateTimeOffset? FilledAt = null, long CostMicros = 0, Personal? Reply = null);

/// <summary>Closed union.</summary>
public abstract record CachedCommand
{
    private CachedCommand()
    {
    }

    /// <summary>Answered with <see cref="CachedView"/>: whoever finds its own run there calls.</summary>
    /// <param name="RunId">Of whoever asks.</param>
    /// <param name="MaxAgeSeconds">Nothing older is taken.</param>
    public sealed record Claim(Guid RunId, string SessionId, int MaxAgeSeconds) : CachedCommand;

    /// <summary>The model, or the service, has answered: from whoever claimed it.</summary>
    public sealed record Fill(Guid RunId, long CostMicros, Personal Reply) : CachedCommand;

    /// <summary>There will be no reply of this run: whoever asks next calls.</summary>
    /// <param name="Filled">Drops a filled entry, too, whichever run filled it: a user has deleted a response with this reply.</param>
    public sealed record Release(Guid RunId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Filled = false) : CachedCommand;

    public sealed record Tick : CachedCommand;
}
