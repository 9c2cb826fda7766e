using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>Who does what steps want done outside, for one kind of call. What it throws is logged, and its step has no known outcome.</summary>
public sealed record OutsideHandler(OutsideKind Kind, Func<OutsideCall, OutsideContext, Task<StepOutcome>> Do)
{
    public static OutsideHandler Of<TCall>(OutsideKind kind, Func<TCall, OutsideContext, Task<StepOutcome>> @do)
        where TCall : OutsideCall => new(kind, (call, context) => @do((TCall)call, context));
}
