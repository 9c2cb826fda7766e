using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Grains.Services;

/// <summary>Makes one service call of a run.</summary>
public interface IServiceCaller
{
    /// <param name="tenant">Whose run it is, and whose service.</param>
    Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace);
}
