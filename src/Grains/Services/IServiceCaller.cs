using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Grains.Services;

/// <summary>Makes the service calls of runs.</summary>
public interface IServiceCaller
{
    /// <param name="tenant">Whose run it is, and whose service.</param>
    Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace);

    /// <summary>The run was cancelled: where its call is still tried here it is tried no more, and its service is told. Ends within <see cref="Limits.TellCancelled"/>, more or less, whether it heard or not.</summary>
    Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace);
}
