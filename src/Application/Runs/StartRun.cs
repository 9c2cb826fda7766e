using Agora.Application.Operations;
using Microsoft.Extensions.Primitives;

namespace Agora.Application.Runs;

/// <summary>A run that is asked for, with what the door knows of it besides.</summary>
internal sealed record StartRun(RunRequest Request)
{
    /// <summary>The payment by x402 that the request brings, and where it was sent.</summary>
    public required PaymentBrought Payment { get; init; }

    /// <summary>The age, in seconds, up to which the output of an equal run may be the answer, for a service that keeps its outputs this many seconds. Null if the service is to be called.</summary>
    public Func<int, int?> MaxAge { get; init; } = static _ => null;

    /// <summary>The same request at another price, in micros. Null if the door cannot write it.</summary>
    public Func<long, NextAction?> AtPrice { get; init; } = static _ => null;
}

/// <summary>What a request brings of a payment by x402.</summary>
/// <param name="Signature">The values of <c>PAYMENT-SIGNATURE</c>, of version 2.</param>
/// <param name="XPayment">The values of <c>X-PAYMENT</c>, of version 1.</param>
/// <param name="Address">The absolute address of what is paid for.</param>
/// <param name="RequestHash">The hash of the request. It is computed only if there is a payment.</param>
internal sealed record PaymentBrought(StringValues Signature, StringValues XPayment, string Address, Func<string> RequestHash)
{
    /// <summary>Where findings about the payment are.</summary>
    public const string Header = "PAYMENT-SIGNATURE";

    public bool IsThere => Signature.Count + XPayment.Count > 0;
}
