using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Grains.Services;

/// <summary>Makes one service call of a run.</summary>
public interface IServiceCaller
{
    Task<StepOutcome> Call(ServiceCall call, string? trace);
}
