using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Provider.Http;

/// <summary>What an agent sells in its conversations: no address, no port.</summary>
public static partial class PeerOffers
{
    private const string Problem = "application/problem+json";
    private const int AtOnce = 8;

    /// <summary>
    /// Answers whoever pays for these services, until it is cancelled. The endpoint of each is <c>agent:</c> and the agent's id, or <c>skill:</c> and a skill of its card. What the function returns is the output;
    /// <see cref="RefusedException"/> says no, and <see cref="TryAgainException"/> nothing: then, and where it fails, the run costs nothing.
    /// </summary>
    /// <returns>When what was begun has ended.</returns>
    public static async Task Offer(this AgoraPeer peer, IEnumerable<MappedService> services, CancellationToken ended, ILogger? log = null)
    {
        var offered = services.ToDictionary(one => one.Service.Id, StringComparer.Ordinal);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ended);
        using var room = new SemaphoreSlim(AtOnce);
        var online = peer.IsRegistered ? Online() : Task.CompletedTask;
        try
        {
            await foreach (var said in peer.Inbox(cancel: over.Token))
            {
                if (Asked(said, offered) is not { } asked) continue;

                await room.WaitAsync(over.Token);
                _ = Task.Run(() => Answered(asked), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // That is how it ends.
        }
        finally
        {
            await over.CancelAsync();
            for (var i = 0; i < AtOnce; i++) await room.WaitAsync(CancellationToken.None);
        }

        await online;

        async Task Online()
        {
            try
            {
                await peer.StayOnline(over.Token);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // As above.
            }
            finally
            {
                await over.CancelAsync(); // Nobody asks an agent that is not there.
            }
        }

        async Task Answered((MappedService Service, Heard Run, string RunId, byte[] Input) asked)
        {
            try
            {
                await Answer(peer, asked, log ?? NullLogger.Instance);
            }
            finally
            {
                room.Release();
            }
        }
    }

    private static async Task Answer(AgoraPeer peer, (MappedService Service, Heard Run, string RunId, byte[] Input) asked, ILogger log)
    {
        try
        {
            await peer.Serve(asked.Run, await asked.Service.Answer(asked.Input, new(asked.RunId, null)));
        }
        catch (TryAgainException)
        {
            NotAnswered(log, asked.RunId, asked.Service.Service.Id);
        }
        catch (RefusedException no)
        {
            await Refuse(peer, asked.Run, no.Code, no.Message, log);
        }
        catch (Exception e)
        {
            Failed(log, e, asked.RunId, asked.Service.Service.Id);
            await Refuse(peer, asked.Run, "internal", "The agent has failed.", log);
        }
    }

    private static async Task Refuse(AgoraPeer peer, Heard run, string code, string message, ILogger log)
    {
        try
        {
            await peer.Serve(run, new JsonObject { ["code"] = code, ["title"] = message }, Problem);
        }
        catch (AgoraException e)
        {
            Failed(log, e, run.MessageId!, code); // Its time is over, or nobody is reached: the run ends without it.
        }
    }

    private static (MappedService Service, Heard Run, string RunId, byte[] Input)? Asked(Heard said, Dictionary<string, MappedService> offered) =>
        said.IsMessage && !said.IsSealed && said.Content.ValueKind == JsonValueKind.Object
        && said.Content.TryGetProperty("service_id", out var id) && id.ValueKind == JsonValueKind.String && offered.TryGetValue(id.GetString()!, out var service)
        && said.Entry.RunId is { } run
            ? (service, said, run, said.Content.TryGetProperty("input", out var input) ? Encoding.UTF8.GetBytes(input.GetRawText()) : "null"u8.ToArray())
            : null;

    [LoggerMessage(LogLevel.Information, "Run {Run} of {Service} is not answered.")]
    private static partial void NotAnswered(ILogger log, string run, string service);

    [LoggerMessage(LogLevel.Error, "Run {Run} of {Service} has failed.")]
    private static partial void Failed(ILogger log, Exception why, string run, string service);
}
