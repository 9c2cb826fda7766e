using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Web;

/// <summary>What a request is answered that failed: never a word about our insides. An operating failure is 503 with Retry-After, a defect is 500 with an id that stands in the log too.</summary>
internal sealed partial class Failures(TimeProvider time, ILogger<Failures> log)
{
    /// <summary>The caller no longer waits, and the failure is only that.</summary>
    public static bool IsGone(CancellationToken ended, Exception e) => ended.IsCancellationRequested && e is OperationCanceledException or IOException;

    /// <param name="route">For the log.</param>
    public Rejection Refusal(string route, Exception e)
    {
        switch (e)
        {
            case OperatingException { Failure: { Kind: not FailureKind.Defect } failure }:
                NotDecided(log, route, failure.Kind);
                return new(Codes.Unavailable, "The request was not decided; try again later, with the same Idempotency-Key.", RetryAfterSeconds: failure.RetryAfterSeconds, Retry: true);
            case OtherCommandException:
                return KeyRejection.Conflict;
            case Agora.Journal.JournalUnavailableException:
                NotDecided(log, route, FailureKind.Unavailable);
                return new(Codes.Unavailable, "The store does not answer; try again later.", RetryAfterSeconds: 1, Retry: true);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new(Codes.PayloadTooLarge, "The body is too large.");
            case BadHttpRequestException:
                return new(Codes.MalformedRequest, "The request could not be read.");
            default:
                var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
                Defect(log, e, id, route);
                return new Rejection(Codes.Internal, "Something went wrong on our side; it is recorded under this id.").With("id", id);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Route} was not decided: {Kind}")]
    private static partial void NotDecided(ILogger log, string route, FailureKind kind);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Defect {Id} in {Route}")]
    private static partial void Defect(ILogger log, Exception e, string id, string route);
}
