using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Hosting;
using Agora.Journal;
using Agora.JsonSchema;
using Agora.Outbound;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>check-service URL</c>: calls a service as Agora does and names each fault in a line. Exit code 0: it keeps the contract (docs/services.md); 1: it does not; 2: nothing was
/// checked, since an argument, a setting or the journal does not allow it. Each call is bounded as Agora's are, and after the first that fails none follows, so it ends whatever the service does.
/// </summary>
internal static class CheckService
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            if (Ed25519.Missing is { } missing) return CommandLine.Refuse(missing);

            var asked = Asked.Read(args);
            var settings = AgoraSettings.Read(CommandLine.Configuration(asked.Others), serves: false);
            await using var signing = await CheckKeys.Open(settings, new DataDirectory(settings));
            // The operator names the URL, so this machine may be called; any other address only as Agora itself would.
            var allowed = AllowList.Parse(settings.OutboundAllow).WithLoopback();
            using var outbound = new HttpOutbound(allowed, TimeProvider.System, signer: signing.Signer);
            using var unsigned = new HttpOutbound(allowed, TimeProvider.System, signer: new WrongSigner(signing.Signer));
            return await new ServiceCheck(asked, outbound, unsigned, Console.Out, TimeProvider.System).Run(signing.Origin);
        }
        catch (SettingException e)
        {
            return CommandLine.Refuse(e.Message);
        }
        catch (Exception e) when (e is JournalRefusedException or JournalUnavailableException or CryptographicException)
        {
            return CommandLine.Refuse($"The keys to sign with cannot be read: {e.Message} With --data of an empty directory a key of the check alone signs.");
        }
    }

    /// <summary>What is to be checked, as the command line says it.</summary>
    /// <param name="Others">Arguments that are settings.</param>
    internal sealed record Asked(Uri Endpoint, byte[] Input, AuthHeader? Auth, string? MaxCost, TimeSpan Timeout, Schema? OutputSchema, string[] Others)
    {
        /// <exception cref="SettingException">One line: what is wrong with it.</exception>
        public static Asked Read(string[] args)
        {
            if (args is not [var url, ..] || url.StartsWith("--", StringComparison.Ordinal))
            {
                throw new SettingException("check-service needs the URL of a service.");
            }

            if (EndpointRules.Check(url) is { } why) throw new SettingException(why);
            var (asked, others) = (new Asked(new Uri(url), "{}"u8.ToArray(), null, null, TimeSpan.FromMilliseconds(Limits.ServiceTimeoutMs), null, []), new List<string>());
            for (var i = 1; i < args.Length; i++)
            {
                string Value() => i + 1 < args.Length ? args[++i] : throw new SettingException($"{args[i]} needs a value.");
                switch (args[i])
                {
                    case "--header": asked = asked with { Auth = Header(Value()) }; break;
                    case "--input": asked = asked with { Input = Json("--input", Value()) }; break;
                    case "--output-schema": asked = asked with { OutputSchema = Compiled(Json("--output-schema", Value())) }; break;
                    case "--metered": asked = asked with { MaxCost = asked.MaxCost ?? "100" }; break;
                    case "--max-cost-cents": asked = asked with { MaxCost = Cents(Value()) }; break;
                    case "--timeout-ms": asked = asked with { Timeout = Milliseconds(Value()) }; break;
                    default: others.Add(args[i]); break;
                }
            }

            return asked with { Others = [.. others] };
        }

        private static AuthHeader Header(string text) =>
            text.Split(':', 2) is not [var name, var value] ? throw new SettingException("--header is NAME: VALUE.")
            : HeaderRules.Check(name, value.Trim()) is { } why ? throw new SettingException(why)
            : new(name, value.Trim());

        private static byte[] Json(string name, string text)
        {
            try
            {
                using var parsed = JsonDocument.Parse(text, new() { MaxDepth = Limits.BodyDepth });
                var bytes = Encoding.UTF8.GetBytes(text);
                return bytes.Length <= Limits.BodyBytes ? bytes : throw new SettingException($"{name} has more than {Limits.BodyBytes} bytes.");
            }
            catch (JsonException e)
            {
                throw new SettingException($"{name} is no JSON: {e.Message}");
            }
        }

        private static Schema Compiled(byte[] text) =>
            Schema.Compile(text) is { Schema: { } schema } ? schema : throw new SettingException("--output-schema is no JSON Schema that a service could be registered with.");

        private static string Cents(string text) => Money.TryParseCents(text, out _) ? text : throw new SettingException("--max-cost-cents is an amount in cents, such as 12 or 0.25.");

        private static TimeSpan Milliseconds(string text) =>
            int.TryParse(text, out var ms) && ms is >= 1 and <= Limits.ServiceTimeoutMs ? TimeSpan.FromMilliseconds(ms) : throw new SettingException($"--timeout-ms is from 1 to {Limits.ServiceTimeoutMs}.");
    }
}
