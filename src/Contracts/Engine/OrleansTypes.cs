using Agora.Contracts.Engine;
using Orleans;
using Orleans.Runtime;

// What the grains use of Orleans, under Orleans' own names and namespaces, so that grain code is written once. Left out of
// the Orleans build. Whatever is not here is not imitated. Deviations: GetGrain of an interface that nobody registered fails
// at the call, not at GetGrain.

namespace Orleans
{
    /// <summary>Marks a grain's interface.</summary>
    public interface IGrain : IAddressable;

    /// <summary>Marks the interface of a grain whose key is a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>Makes references to grains. A reference costs little, holds no resource and never goes stale.</summary>
    public interface IGrainFactory
    {
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);
    }

    /// <summary>
    /// Base class of all grains. Key and factory can be used from the constructor on, because the engine constructs a grain
    /// inside its activation's first turn.
    /// </summary>
    public abstract class Grain : IAddressable
    {
        private readonly IActivation? _activation = TaskScheduler.Current as IActivation;

        internal IActivation Activation =>
            _activation ?? throw new InvalidOperationException("This grain was not constructed by the grain engine.");

        protected IGrainFactory GrainFactory => Activation.Grains;

        /// <summary>Ends this activation when the calls that run now have finished; later calls go to a fresh one.</summary>
        protected void DeactivateOnIdle() =>
            Activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

        /// <summary>Runs before the first call. If it throws, the calls that wait for this activation fail with it.</summary>
        public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Runs after the last call, at an orderly end only: a crash or kill skips it.</summary>
        public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    public static class GrainExtensions
    {
        /// <summary>The key of a grain (within it: <c>this</c>) or of a reference to one.</summary>
        public static string GetPrimaryKeyString(this IAddressable grain) => grain switch
        {
            Grain self => self.Activation.Key,
            IGrainIdentity reference => reference.Key,
            _ => throw new ArgumentException("Neither a grain nor a reference to one.", nameof(grain)),
        };
    }

    /// <summary>Why an activation ends. The numbers are Orleans'.</summary>
    public enum DeactivationReasonCode : byte
    {
        None = 0,
        ShuttingDown = 1,
        ActivationFailed = 2,
        ActivationIdle = 4,
        ApplicationRequested = 9,
        RuntimeRequested = 11,
    }

    /// <summary>Why an activation ends; informational.</summary>
    public readonly struct DeactivationReason
    {
        public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
        {
        }

        public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
        {
            ReasonCode = code;
            Exception = exception;
            Description = text;
        }

        public string Description { get; }

        public DeactivationReasonCode ReasonCode { get; }

        public Exception? Exception { get; }

        public override string ToString() =>
            Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description} {Exception}";
    }
}

namespace Orleans.Concurrency
{
    /// <summary>Calls of this grain may interleave at awaits; still no two turns run at once.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute;
}

namespace Orleans.Runtime
{
    /// <summary>Something that can be sent to: a grain, or a reference to one.</summary>
    public interface IAddressable;

    /// <summary>The engine's own failures, as opposed to those of a grain.</summary>
    public class OrleansException(string message) : Exception(message);

    /// <summary>The call was refused before it reached a grain.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message)
        {
        }
    }

    /// <summary>The process shuts down; another, or this one after its restart, will take the call.</summary>
    public sealed class SiloUnavailableException(string message) : OrleansMessageRejectionException(message);
}

namespace Agora.Contracts.Engine
{
    /// <summary>What a grain sees of its activation.</summary>
    internal interface IActivation
    {
        string Key { get; }

        IGrainFactory Grains { get; }

        void Deactivate(DeactivationReason reason);
    }

    /// <summary>What a reference tells of its target.</summary>
    internal interface IGrainIdentity
    {
        string Key { get; }
    }
}
