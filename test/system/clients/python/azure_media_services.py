from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.policies import HeadersPolicy
from azure.mgmt.media import AzureMediaServices
from show import client_of, control, ended, push, read, refused, report, segments, until

c = client_of('azure-media-services')
# The SDK refuses to send a token of its own without TLS.
bearer = HeadersPolicy(base_headers={'Authorization': 'Bearer ' + c['token']})
ams = AzureMediaServices(
    credential=object(),
    subscription_id=c['subscriptionId'],
    base_url=c['endpoint'],
    credential_scopes=['any/.default'],
    authentication_policy=bearer,
    polling_interval=0.2,
)
where = (c['resourceGroup'], c['accountName'])
name = 'clients'


def gone(call):
    try:
        call()
    except ResourceNotFoundError as error:
        return error.error.code
    return 'none'


# The SDK itself tries again.
control('POST', '/faults', {'vendor': 'azure-media-services', 'operation': 'LiveEvents_Create', 'kind': 'reset'})
event = ams.live_events.begin_create(
    *where,
    name,
    {
        'location': c['location'],
        'tags': {'team': 'clients'},
        'input': {'streamingProtocol': 'RTMP', 'accessToken': 'a1b2c3d4e5f60718293a4b5c6d7e8f90'},
        'encoding': {'encodingType': 'PassthroughBasic'},
    },
).result()
ams.live_events.begin_start(*where, name).result()
running = ams.live_events.get(*where, name)
ams.assets.create_or_update(*where, name, {})
ams.live_outputs.begin_create(
    *where, name, 'recording', {'assetName': name, 'archiveWindowLength': 'PT1H', 'manifestName': 'show'}
).result()

ingest = next(one.url for one in running.input.endpoints if one.url.startswith('rtmp://'))
url = f'{ingest}/{name}'
encoder = push(url)
ams.streaming_locators.create(
    *where, name, {'assetName': name, 'streamingPolicyName': 'Predefined_ClearStreamingOnly'}
)


def hls_path():
    paths = ams.streaming_locators.list_paths(*where, name).streaming_paths
    return next((path.paths[0] for path in paths if path.streaming_protocol == 'Hls' and path.paths), None)


hls = until(hls_path)
ams.streaming_endpoints.begin_start(*where, 'default').result()
manifest = c['playbackBaseUrl'] + hls


def playlist():
    try:
        return read(manifest).decode()
    except OSError:
        return None


watched = segments(manifest, until(playlist))
ams.live_outputs.begin_delete(*where, name, 'recording').result()
ams.live_events.begin_stop(*where, name, {'removeOutputsOnStop': True}).result()
end = ended(encoder)
stopped = ams.live_events.get(*where, name).resource_state
recorded = segments(manifest, read(manifest).decode())
listed = [one.name for one in ams.live_events.list(*where)]
ams.live_events.begin_delete(*where, name).result()

report(
    tags=event.tags,
    made=event.resource_state,
    running=running.resource_state,
    watched=watched,
    encoder=end['reason'],
    stopped=stopped,
    segments=recorded,
    listed=listed,
    refused=refused(url),
    gone=gone(lambda: ams.live_events.get(*where, name)),
)
