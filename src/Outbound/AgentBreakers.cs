using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>A <see cref="Breaker{T}"/> for each agent that is asked, as there is one for each service that is called.</summary>
public sealed class AgentBreakers(TimeProvider time)
{
    private readonly Breakers _breakers = new(time);

    /// <summary>Where the agent's is open, nothing is asked, and the result is <see cref="OutboundFailure.BreakerOpen"/>.</summary>
    public async Task<OutboundResult> Ask(string agent, OutboundCaller caller, Func<CancellationToken, Task<OutboundResult>> ask, CancellationToken cancel)
    {
        try
        {
            return await _breakers.For(agent).Execute(caller, async token => await ask(token), cancel);
        }
        catch (BrokenCircuitException)
        {
            return new OutboundResult.Failed(OutboundFailure.BreakerOpen, null, 0);
        }
    }
}
