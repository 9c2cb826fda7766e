using System.Net;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Hosts;

/// <summary>
/// Logs requests to the dashboard that are refused, as other refusals to operators are. A page that is open when its sign-in ends continues to ask each second, and anyone may ask without a sign-in: of those the 1st, 2nd, 4th, 8th … of a
/// minute leave a line. A wrong key leaves the line of <see cref="WrongKeys"/>.
/// </summary>
internal sealed partial class DashboardRefusals(TimeProvider time, ILogger<DashboardRefusals> log)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private DateTimeOffset _until;
    private int _count;

    /// <param name="actor">Null if no operator was recognized.</param>
    public void Refused(HttpContext http, Actor? actor, bool isKey, Rejection refusal)
    {
        var (route, status) = (RouteNames.Of(http), Codes.StatusOf(refusal.Code));
        if (actor is not null)
        {
            OfOperator(log, actor.Tenant.IsDefault ? actor.Name : $"{actor.Tenant}/{actor.Name}", route, status, refusal.Code);
        }
        else if (!isKey && Count() is var count && int.IsPow2(count))
        {
            OfStranger(log, http.Connection.RemoteIpAddress ?? IPAddress.None, route, status, refusal.Code, count);
        }
    }

    private int Count()
    {
        lock (_gate)
        {
            if (time.GetUtcNow() is var now && now >= _until)
            {
                (_until, _count) = (now + Window, 0);
            }

            return ++_count;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Operator {Actor} was refused the dashboard ({Route}): {Status} {Code}")]
    private static partial void OfOperator(ILogger log, string actor, string route, int status, string code);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "A request without a sign-in from {Address} was refused the dashboard ({Route}): {Status} {Code}, {Count} in this minute")]
    private static partial void OfStranger(ILogger log, IPAddress address, string route, int status, string code, int count);
}
