import json
import urllib.error
from datetime import datetime, timedelta, timezone

from show import client_of, ended, push, read, refused, report, segments, until
from volcengine.live.v20230101.live_service import LiveService

c = client_of('volcengine-live')
live = LiveService(c['host'], c['accessKeyId'], c['secretKey'])
live.set_scheme('http')
stream = {'Vhost': c['vhost'], 'App': c['app'], 'Stream': 'clients'}
page = {'PageNum': 1, 'PageSize': 10}


def instant(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime('%Y-%m-%dT%H:%M:%SZ')


def state():
    return live.describe_live_stream_state(stream)['Result']['stream_state']


def listed(call, **more):
    return call({**stream, **page, **more})['Result']['StreamInfoList']


def code_of(call):
    """The SDK gives the body of an answer that is no 200 as the text of its exception."""
    try:
        call()
    except Exception as error:
        return json.loads(error.args[0])['ResponseMetadata']['Error']['Code']
    return 'none'


def playlist(url):
    try:
        return read(url).decode()
    except urllib.error.HTTPError:
        return None


live.forbid_stream({**stream, 'EndTime': instant(24)})
forbidden = [state(), len(listed(live.describe_forbidden_stream_info_by_page))]
url = live.generate_push_url({**stream, 'Domain': c['pushDomain'], 'ExpiredTime': instant(1)})['Result']['PushURLList'][0]
early = refused(url)
live.resume_stream(stream)

began = instant(-1)
encoder = push(url)
until(lambda: state() == 'online')
online = listed(live.describe_live_stream_info_by_page)
played = live.generate_play_url({'Domain': c['pullDomain'], 'App': c['app'], 'Stream': 'clients'})['Result']['URLList']
hls = next(one['URL'] for one in played if one['Protocol'] == 'hls')
watched = segments(hls, until(lambda: playlist(hls)))

live.forbid_stream({**stream, 'EndTime': instant(24)})
live.kill_stream(stream)
end = ended(encoder)
until(lambda: not listed(live.describe_live_stream_info_by_page))
closed = listed(live.describe_closed_stream_info_by_page, EndTimeFrom=began, EndTimeTo=instant(1))

span = {'DateFrom': began, 'DateTo': instant(1), 'Type': 'tos'}
files = until(lambda: live.describe_record_task_file_history({**stream, **page, **span})['Result']['Data'])
cut = live.create_live_stream_record_index_files(
    {
        'Domain': c['pushDomain'],
        'App': c['app'],
        'Stream': 'clients',
        'StartTimeUTC': began,
        'EndTimeUTC': instant(1),
        'OutputObject': 'clients/show.m3u8',
    }
)['Result']['RecordURL']

report(
    forbidden=forbidden,
    early=early,
    online=[one['SourceType'] for one in online],
    watched=watched,
    encoder=end['reason'],
    closed=len(closed),
    files=[one['Format'] for one in files],
    segments=segments(cut, read(cut).decode()),
    refused=refused(url),
    wrong=code_of(lambda: live.kill_stream({**stream, 'Vhost': 'of.another.example'})),
)
