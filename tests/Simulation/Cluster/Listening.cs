using System.Runtime.CompilerServices;
using Agora.Api.Conversations;
using Agora.Application.Conversations;
using Agora.Application.Reading;
using Agora.Grains.Conversations;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Journal.Personal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Simulation.Cluster;

/// <summary>The inboxes that one process keeps, by the product's own code: it follows the feed, and ends with its process.</summary>
internal sealed class Listening
{
    private readonly TaskScheduler _process;
    private readonly Inboxes _inboxes;
    private readonly InboxPages _pages;

    public Listening(TaskScheduler process, IJournal journal, PersonalKeys keys, TimeProvider clock, Findings findings)
    {
        var feed = new PolledFeed(journal, clock);
        (_process, _inboxes) = (process, new(feed, new TableReader(journal), new ConversationLog(journal, keys), clock, NullLogger<Inboxes>.Instance));
        _pages = new(_inboxes, Cursors, clock);
        _ = In(() => Follow(findings));
    }

    /// <summary>As every process gives them out.</summary>
    public static FeedCursors Cursors { get; } = new(new byte[32]);

    /// <summary>Of what is posted; nobody waits.</summary>
    public Task<InboxLook?> Look(Core.Kernel.Tenant tenant, string agent, string after, CancellationToken ending) => In(() => _pages.Look(tenant, agent, after, TimeSpan.Zero, ending));

    public Task<InboxPageText?> Read(Core.Kernel.Tenant tenant, string agent, string from, string upTo, CancellationToken ending) => In(() => _pages.Read(tenant, agent, from, upTo, ending));

    /// <summary>Nobody waits: what waits is woken on other threads.</summary>
    /// <returns>Null: nothing stands at that place.</returns>
    public Task<InboxPage?> Read(Core.Kernel.Tenant tenant, string agent, InboxPlace place, int limit) => In(async () =>
    {
        var (listener, _) = await _inboxes.Listen(tenant, agent, CancellationToken.None);
        using var listening = listener;
        return await listener!.Read(place, limit, new CancellationToken(canceled: true));
    });

    private async Task<bool> Follow(Findings findings)
    {
        try
        {
            await Execute(_inboxes, CancellationToken.None);
        }
        catch (Exception escaped)
        {
            findings.Add($"A process follows the feed for its inboxes no longer: {escaped.GetType().Name}: {escaped.Message}");
        }

        return false;
    }

    private Task<T> In<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _process).Unwrap();

    // As its host starts it, but for the thread.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Work")]
    private static extern Task Execute(Inboxes inboxes, CancellationToken stopping);
}
