using System.Net;
using Agora.Core.Kernel;
using Agora.Grains.Services;
using Agora.Outbound;

namespace Agora.Silo.Verbs;

/// <summary>The calls of a check, and what is said of their answers. Nothing of what the service answers is printed.</summary>
/// <param name="outbound">Signs as Agora does.</param>
/// <param name="wrong">Signs with what is nobody's signature.</param>
internal sealed class ServiceCheck(CheckService.Asked asked, IOutbound outbound, IOutbound wrong, TextWriter say, TimeProvider time)
{
    private readonly AnswerCheck _answers = new(asked.MaxCost, asked.OutputSchema);
    private int _faults;
    private int _notes;
    private int _calls;

    /// <returns>0, or 1 where there is a fault.</returns>
    public async Task<int> Run(string signedWith)
    {
        if (asked.Endpoint.Scheme != Uri.UriSchemeHttps)
        {
            Note("no TLS: Agora calls http only where AGORA_OUTBOUND_ALLOW names the address, and in development at loopback addresses");
        }

        say.WriteLine($"signed  with {signedWith}");
        var key = Guid.CreateVersion7().ToString("D");
        var (first, took) = await Call(outbound, key, asked.Input);
        if (first is OutboundResult.Failed failed)
        {
            Fault(WhyFailed(failed) + (ServiceCaller.RefusesInput(failed) && asked.Input.AsSpan().SequenceEqual("{}"u8) ? ": {} was sent; give it what it takes by --input JSON" : ""));
        }
        else if (first is OutboundResult.Succeeded answer && IsUsable(answer, took))
        {
            await Again(key, answer);
            await Unverified();
            await Malformed();
        }

        say.WriteLine($"{Counted(_faults, "fault")}, {Counted(_notes, "note")}, {Counted(_calls, "call")}.");
        return _faults == 0 ? 0 : 1;

        static string Counted(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
    }

    private bool IsUsable(OutboundResult.Succeeded answer, TimeSpan took)
    {
        var before = _faults;
        if (took > asked.Timeout)
        {
            Fault($"too slow: it answered after {took.TotalMilliseconds:F0} ms, timeout_ms is {asked.Timeout.TotalMilliseconds:F0}");
        }

        if (answer.Attempts > 1)
        {
            Note($"it answered at attempt {answer.Attempts}");
        }

        if (!AnswerCheck.IsJsonType(answer.ContentType))
        {
            Note("the content type is not application/json: Agora takes the answer as JSON all the same");
        }

        foreach (var fault in _answers.Faults(answer)) Fault(fault);
        if (_faults != before) return false;

        say.WriteLine($"ok      JSON, {answer.Body.Length} bytes, in {took.TotalMilliseconds:F0} ms");
        return true;
    }

    // A run is called again under its key when its answer was lost: it must not do, or cost, anything twice.
    private async Task Again(string key, OutboundResult.Succeeded first)
    {
        var (again, _) = await Call(outbound, key, asked.Input);
        if (again is not OutboundResult.Succeeded second)
        {
            Fault("the same Idempotency-Key twice: the repeat failed");
        }
        else if (!AnswerCheck.AreSame(first.Body, second.Body))
        {
            Fault("the same Idempotency-Key twice gives different outcomes: what it did, it did twice");
        }
        else if (asked.MaxCost is not null && first.Cost != second.Cost)
        {
            Fault("the same Idempotency-Key twice is charged twice: Agora-Cost-Cents differs");
        }
        else
        {
            say.WriteLine("ok      the same Idempotency-Key twice has one outcome");
        }
    }

    private async Task Unverified()
    {
        switch ((await Call(wrong, Guid.CreateVersion7().ToString("D"), asked.Input)).Result)
        {
            case OutboundResult.Succeeded:
                Note("it ignores the signature: whoever knows the URL may call it");
                break;
            case OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: 401 or 403 }:
                say.WriteLine("ok      a wrong signature is refused");
                break;
            default:
                Note("it answers a wrong signature with something other than 401");
                break;
        }
    }

    private async Task Malformed()
    {
        switch ((await Call(outbound, Guid.CreateVersion7().ToString("D"), """{"agora_check":"no such member"}"""u8.ToArray())).Result)
        {
            case OutboundResult.Failed { Status: var status } refused when ServiceCaller.RefusesInput(refused):
                say.WriteLine($"ok      an input that it does not know is refused with {status}");
                break;
            case OutboundResult.Failed failed:
                Fault($"an input that it does not know: {WhyFailed(failed)}; that counts against the service, and a 4xx such as 422 does not");
                break;
            default:
                say.WriteLine("ok      an input that it does not know is answered");
                break;
        }
    }

    // One attempt may take as long as a run has, so that what is too slow is told from what hangs.
    private async Task<(OutboundResult Result, TimeSpan Took)> Call(IOutbound by, string key, byte[] input)
    {
        _calls++;
        var started = time.GetTimestamp();
        var result = await by.Call(
            new()
            {
                ServiceId = "check",
                Endpoint = asked.Endpoint,
                Body = input,
                IdempotencyKey = key,
                IsSigned = true,
                Auth = asked.Auth,
                MaxCost = asked.MaxCost,
                AttemptTimeout = Limits.RunDeadline,
                Deadline = Limits.RunDeadline,
            },
            CancellationToken.None);
        return (result, time.GetElapsedTime(started));
    }

    private string WhyFailed(OutboundResult.Failed failed) => failed.Kind switch
    {
        OutboundFailure.Refused when IsPublic => "it is http: Agora calls that only where AGORA_OUTBOUND_ALLOW names the address",
        OutboundFailure.Refused => "its address is not public: Agora calls it only where AGORA_OUTBOUND_ALLOW names it",
        OutboundFailure.Connection => $"unreachable: no connection, or it broke off, in {failed.Attempts} attempts",
        OutboundFailure.Tls => "TLS: its certificate or handshake is not accepted",
        OutboundFailure.Timeout => $"hangs: no whole answer within {Limits.RunDeadline.TotalSeconds:F0} s",
        OutboundFailure.Redirect => $"redirects with {failed.Status}, which is never followed: register the address itself",
        OutboundFailure.TooLarge => $"too large: more than {OutboundLimits.MaxResponseBytes} bytes of body, or {OutboundLimits.MaxResponseHeaderKilobytes} KiB of headers",
        OutboundFailure.Malformed => "what it answers is not HTTP",
        OutboundFailure.BadStatus when failed.Status is 502 or 503 or 504 => $"answers {failed.Status}, also at attempt {failed.Attempts}",
        OutboundFailure.BadStatus when failed.Status is 401 => $"answers 401: it does not accept the signature, which is for {asked.Endpoint}. Register exactly this address, set url of a provider kit to it without the service's path, and let the kit read this server's keys (AGENT_API_URL)",
        OutboundFailure.BadStatus => $"answers {failed.Status}, which is not tried again",
        _ => $"cannot be called ({failed.Kind})",
    };

    /// <summary>As far as the URL says it: where a name leads is not looked up for this.</summary>
    private bool IsPublic => asked.Endpoint.Scheme == Uri.UriSchemeHttp && (!IPAddress.TryParse(asked.Endpoint.Host.Trim('[', ']'), out var literal) || AddressGuard.RangeOf(literal) is null);

    private void Fault(string what)
    {
        _faults++;
        say.WriteLine($"fault   {what}");
    }

    private void Note(string what)
    {
        _notes++;
        say.WriteLine($"note    {what}");
    }
}
