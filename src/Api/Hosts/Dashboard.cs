using System.Text;
using Agora.Api.Http;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Dashboard;

namespace Agora.Api.Hosts;

/// <summary>
/// Orleans' own dashboard under <c>/dashboard</c>, for operators: an operator's key as bearer token, or as the password of HTTP Basic (RFC 7617, under
/// any name), which browsers ask for. Everything under that path is 401 without one, what does not exist there too.
/// </summary>
public static class Dashboard
{
    private const string Route = "/dashboard";
    private const string BasicPrefix = "Basic ";
    private const int MaxLength = 1_024;
    private static readonly RequiredCredential Required = new("An operator's key is required, as the password of any name.");

    /// <param name="started">Done when what it shows is there; null: it is elsewhere.</param>
    public static void MapDashboard(this WebApplication app, AgoraSettings settings, Func<Task>? started = null)
    {
        if (!settings.Cluster.Dashboard) return;

        var keys = app.Services.GetRequiredService<ApiOptions>().OperatorKeys.Where(key => key.Tenant.IsDefault && key.Roles.Include(Role.Viewer)).ToList(); // it shows every tenant's grains
        var wrongKeys = app.Services.GetRequiredService<WrongKeys>();
        app.UseWhen(http => http.Request.Path.StartsWithSegments(Route), branch => branch.Use(next => async http =>
        {
            http.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'none'"; // its pages bring scripts of their own
            if (IsOperator(http.Request, keys))
            {
                await (started?.Invoke() ?? Task.CompletedTask);
                await next(http);
                return;
            }

            var presented = http.Request.Headers.Authorization.ToString();
            await Refuse(http, presented.Length == 0 ? Required.For("") : await wrongKeys.Refuse(http, "operator", Required.For(presented)));
        }));
        app.MapOrleansDashboard(Route);
    }

    private static bool IsOperator(HttpRequest request, IReadOnlyList<AccessKey> keys) =>
        Credentials.Find(Credentials.Bearer(request).ToString(), keys) is not null || Credentials.Find(BasicPassword(request), keys) is not null;

    /// <summary>Empty where there is none, which is nobody's key.</summary>
    private static string BasicPassword(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ Length: < MaxLength } value] || !value.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        var bytes = new byte[MaxLength];
        return Convert.TryFromBase64String(value[BasicPrefix.Length..], bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password] ? password : "";
    }

    private static Task Refuse(HttpContext http, Rejection refusal)
    {
        http.Response.StatusCode = Codes.StatusOf(refusal.Code);
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (refusal.Code == Codes.Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"Agora operators\", charset=\"UTF-8\"";
        }

        return http.Response.WriteAsync(refusal.Message + "\n");
    }
}
