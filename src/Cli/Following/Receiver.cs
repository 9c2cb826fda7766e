using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Cli.Calls;
using Agora.Cli.Profiles;

namespace Agora.Cli.Following;

/// <summary>An event as a webhook's message has it.</summary>
/// <param name="Body">What is signed, byte by byte.</param>
internal sealed record Message(string Id, string Body)
{
    public static Message Of(JsonElement happened) => new(
        happened.GetProperty("id").GetString()!, $$"""{"type":{{happened.GetProperty("type").GetRawText()}},"timestamp":{{happened.GetProperty("timestamp").GetRawText()}},"data":{{happened.GetProperty("data").GetRawText()}}}""");

    public string Line(ReceiverAnswer? answer) => new JsonObject
    {
        ["id"] = Id, ["answered"] = answer is null ? null : JsonValue.Create(answer.Status), ["failed"] = answer?.Failed, ["event"] = JsonNode.Parse(Body),
    }.ToJsonString();
}

/// <param name="Status">Null: there was no answer, and <paramref name="Failed"/> says why.</param>
internal sealed record ReceiverAnswer(int? Status, string? Failed)
{
    public string Says => Status?.ToString(CultureInfo.InvariantCulture) ?? "ERR";
}

/// <summary>A receiver on this machine. Each message is sent to it once, signed by Standard Webhooks (v1, HMAC-SHA-256); of its answer the status is read and nothing else.</summary>
internal sealed class Receiver : IDisposable
{
    private const string Prefix = "whsec_";
    private const int SecretBytes = 32, SecretLeast = 24, SecretMost = 64;

    /// <summary>As the server waits for a webhook.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = Patience }) { Timeout = Patience };
    private readonly byte[] _key;

    private Receiver(Uri address, byte[] key) => (Address, _key) = (address, key);

    public Uri Address { get; }

    public string Secret => $"{Prefix}{Convert.ToBase64String(_key)}";

    public static Receiver At(string address, string? secret)
    {
        var to = Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : throw CliException.Wrong($"--forward-to wants an http:// or https:// address, not '{address}'.");
        if (secret is null) return new(to, RandomNumberGenerator.GetBytes(SecretBytes));

        var (said, key) = (Profile.Content(secret), new byte[SecretMost]);
        return said.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(said[Prefix.Length..], key, out var length) && length >= SecretLeast
            ? new(to, key[..length])
            : throw CliException.Wrong("--secret wants whsec_ and 24 to 64 bytes in base64, as a webhook's secret is.");
    }

    public async Task<ReceiverAnswer> Send(Message message, CancellationToken cancel)
    {
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var mac = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{message.Id}.{at}.{message.Body}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new StringContent(message.Body, new UTF8Encoding(false), "application/json") };
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", at.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(mac)}");
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return new((int)answer.StatusCode, null);
        }
        catch (Exception e) when (Caller.IsAway(e, cancel))
        {
            return new(null, e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds} s" : (e.InnerException ?? e).Message);
        }
    }

    public void Dispose() => _http.Dispose();
}
