using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;

namespace Agora.Api.Tests.Support;

/// <summary>The service outside, as the test wants it.</summary>
internal sealed class PlayedService : IServiceCaller
{
    public Func<ServiceCall, Task<StepOutcome>> Answers { get; set; } = Says("""{"summary":"Short."}""");

    public static Func<ServiceCall, Task<StepOutcome>> Says(string json) =>
        _ => Task.FromResult<StepOutcome>(new ServiceOutcome.Output(System.Text.Encoding.UTF8.GetBytes(json), 1));

    public static Func<ServiceCall, Task<StepOutcome>> Fails(string code) =>
        _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(code, "The service failed.", 1));

    /// <summary>Told before the answer: whose run it is.</summary>
    public Action<Tenant, ServiceCall> Seen { get; set; } = static (_, _) => { };

    /// <summary>Of which runs it was told that they are cancelled.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<Guid> Cancelled { get; } = new();

    public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace)
    {
        Cancelled.Enqueue(cancelled.RunId);
        return Task.CompletedTask;
    }

    public Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace)
    {
        Seen(tenant, call);
        return Answers(call);
    }
}
