using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Agora.Cli.Profiles;

namespace Agora.Cli.Calls;

/// <summary>A request as it would be sent.</summary>
internal sealed record Request(string Method, Uri Address, string? Body, IReadOnlyList<(string Name, string Value)> Headers);

internal sealed record Answered(int Status, string Text, string? MediaType);

/// <summary>Sends one request, and says why there is no answer.</summary>
internal static class Caller
{
    private const int LargestAnswer = 128 << 20;

    public static HttpClient Client(Profile profile) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !profile.Address.IsLoopback }) { Timeout = profile.Patience, MaxResponseContentBufferSize = LargestAnswer };

    /// <summary>Below whatever path the server has.</summary>
    public static Uri At(Uri server, string route) => new($"{server.AbsoluteUri.TrimEnd('/')}{route}");

    public static async Task<Answered> Send(Profile profile, Request request, string? credential, CancellationToken cancel)
    {
        using var http = Client(profile);
        using var message = new HttpRequestMessage(new(request.Method), request.Address);
        if (request.Body is not null)
        {
            message.Content = new StringContent(request.Body, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (credential is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        }

        message.Headers.UserAgent.Add(new ProductInfoHeaderValue("agora-cli", null));
        try
        {
            using var reply = await http.SendAsync(message, cancel);
            return new((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(cancel), reply.Content.Headers.ContentType?.MediaType);
        }
        catch (Exception e) when (IsAway(e, cancel))
        {
            throw NoServer(profile, e);
        }
    }

    public static bool IsAway(Exception e, CancellationToken cancel) => e is HttpRequestException or SocketException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    public static CliException NoServer(Profile profile, Exception e) => e switch
    {
        OperationCanceledException => new(ExitCodes.NoServer, $"{profile.Address} did not answer within {profile.Patience.TotalSeconds} s."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(ExitCodes.Refused, $"{profile.Address} answers with more than {LargestAnswer >> 20} MiB: ask for less, by filters or --limit."),
        _ => new(ExitCodes.NoServer, $"{profile.Address} does not answer: {(e.InnerException ?? e).Message}"),
    };
}
