using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>Closed union of what happens to a service. Each event but a try holds the view that was answered.</summary>
public abstract record ServiceEvent
{
    private ServiceEvent()
    {
    }

    public sealed record DefinitionPut(ServiceView View) : ServiceEvent
    {
        /// <summary>The secret in force from here on, newly given or kept; null: none, or its key was destroyed.</summary>
        [JsonIgnore]
        public Personal? Secret { get; init; }
    }

    public sealed record Disabled(ServiceView View, string Reason) : ServiceEvent;

    /// <summary>Enabled again, on trial: its pause is over.</summary>
    public sealed record Retried(ServiceView View) : ServiceEvent;

    /// <summary>A run for which the service asked more than was held, and got what was held.</summary>
    public sealed record Overcharged(ServiceView View, Guid RunId, long AskedMicros, long HeldMicros) : ServiceEvent;

    /// <summary>An operator has it called for nobody; what it answers is kept nowhere.</summary>
    /// <param name="TryId">What it is sent as Idempotency-Key.</param>
    public sealed record Tried(string ServiceId, Guid TryId) : ServiceEvent;

    /// <summary>Of a tenant for tests.</summary>
    public sealed record AnswersPut(TestAnswers View) : ServiceEvent;
}
